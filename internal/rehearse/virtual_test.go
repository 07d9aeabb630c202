package rehearse_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/bastion-fleet/bastion-fleet/internal/rehearse"
)

// asked lets this test's binary be the program that plays in virtual time: a test can't, for it is inside of one already.
const asked = "BASTION_FLEET_TEST_VIRTUAL"

func TestMain(m *testing.M) {
	if os.Getenv(asked) == "" {
		os.Exit(m.Run())
	}
	start := time.Now()
	var passed time.Duration
	rehearse.InVirtualTime(func() {
		began := time.Now()
		ctx, cancel := context.WithTimeout(context.Background(), 3*time.Hour)
		defer cancel()
		<-ctx.Done()
		passed = time.Since(began)
	})
	fmt.Println("virtual", passed, "real under a minute", time.Since(start) < time.Minute)
}

func TestHoursPassAtOnce(t *testing.T) {
	c := exec.Command(os.Args[0], "apply", "--rehearse")
	c.Env = append(os.Environ(), asked+"=1")
	out, err := c.CombinedOutput()
	if got := strings.TrimSpace(string(out)); err != nil || got != "virtual 3h0m0s real under a minute true" {
		t.Errorf("%q, %v", got, err)
	}
}
