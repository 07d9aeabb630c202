//go:build !failpoint

package failpoint

// Here does nothing, in an ordinary build.
func Here(string) {}
