// Package people is a part of the example.
package people
