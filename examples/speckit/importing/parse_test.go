// Package importing is a part of the example.
package importing
