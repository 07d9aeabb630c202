package state

import (
	"io"
	"os"
)

// writeAgain writes the first n bytes of a file once more, as they are read, so that the next sync makes them durable.
// What can be read need not be on the disk: the process that wrote it may have been killed before its sync, or the sync
// failed, after which the kernel takes for written what never was. To build on that and lose the power would lose both.
func writeAgain(file *os.File, n int64) error {
	_, err := io.Copy(io.NewOffsetWriter(file, 0), io.NewSectionReader(file, 0, n))
	return err
}
