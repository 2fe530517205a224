// Package list is a part of the example.
package list
