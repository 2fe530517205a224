// Package recipes is a part of the example.
package recipes
