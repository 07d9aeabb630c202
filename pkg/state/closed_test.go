package state

import (
	"errors"
	"testing"
)

func TestNoRunStartsInAClosedState(t *testing.T) {
	s := open(t, place(t))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	info := RunInfo{ID: NewRunID(testTime), Started: testTime}
	if _, err := s.StartRun(t.Context(), info); !errors.Is(err, ErrClosed) {
		t.Errorf("StartRun = %v, want %v", err, ErrClosed)
	}
}
