// Package units is a part of the example.
package units
