// Command bastion-fleet orders JD Cloud Bastion instances in bulk, and never twice.
package main

import (
	"os"

	"github.com/bastion-fleet/bastion-fleet/internal/cli"
)

func main() { os.Exit(cli.Main()) }
