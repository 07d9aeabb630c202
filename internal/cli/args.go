package cli

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// twoDashes lets long flags be written with one dash, as Terraform's users do: -out x, -var=a=b. Only words that
// are a flag's name are touched, and nothing after a lone --.
func twoDashes(root *cobra.Command, args []string) []string {
	known := map[string]bool{"help": true, "version": true}
	collectFlags(root, known)
	fixed := make([]string, len(args))
	for i, arg := range args {
		if arg == "--" {
			copy(fixed[i:], args[i:])
			break
		}
		name, _, _ := strings.Cut(strings.TrimPrefix(arg, "-"), "=")
		if strings.HasPrefix(arg, "-") && len(name) > 1 && known[name] {
			arg = "-" + arg
		}
		fixed[i] = arg
	}
	return fixed
}

func collectFlags(c *cobra.Command, known map[string]bool) {
	add := func(f *pflag.Flag) { known[f.Name] = true }
	c.Flags().VisitAll(add)
	c.PersistentFlags().VisitAll(add)
	for _, child := range c.Commands() {
		collectFlags(child, known)
	}
}
