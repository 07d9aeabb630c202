// Package pty makes terminals for tests: what a person would type at, and what a program would read and write.
package pty
