package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/agext/levenshtein"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// takes returns the check of a command's arguments; what names them in its error.
func takes(least, most int, what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		switch {
		case slices.Contains(args, ""):
			return usageError(c, fmt.Errorf("an argument is empty: %s takes %s", c.CommandPath(), what))
		case len(args) < least:
			return usageError(c, fmt.Errorf("an argument is missing: %s takes %s", c.CommandPath(), what))
		case len(args) > most:
			return usageError(c, fmt.Errorf("too many arguments: %s takes %s, not %q too", c.CommandPath(), what, args[most]))
		}
		return nil
	}
}

func usageError(c *cobra.Command, err error) error {
	return hinted{err, fmt.Sprintf("See %s --help.", c.CommandPath())}
}

// refuseEmpty refuses flags with an empty value. It mostly comes from a shell variable that is not set, and to go on
// without --state or --out would be to do something else than was asked.
func refuseEmpty(c *cobra.Command) (err error) {
	c.Flags().Visit(func(f *pflag.Flag) {
		if f.Value.Type() == "string" && f.Value.String() == "" {
			err = usageError(c, fmt.Errorf("--%s is empty: give it a value or leave it out", f.Name))
		}
	})
	return err
}

// flagError explains a flag that can't be read. Beside a command that does not exist, its flags don't either: the
// command is the mistake.
func flagError(c *cobra.Command, err error) error {
	if c.HasSubCommands() && c.Flags().NArg() > 0 {
		return unknownCommand(c, c.Flags().Arg(0))
	}
	if wrong, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		err = fmt.Errorf("--%s is %q: %s", wrong.GetFlag().Name, wrong.GetValue(), wantedValue(wrong))
	}
	if unknown, ok := errors.AsType[*pflag.NotExistError](err); ok {
		if near := nearestFlag(c.Flags(), unknown.GetSpecifiedName()); near != "" {
			return hinted{err, fmt.Sprintf("Did you mean --%s? See %s --help.", near, c.CommandPath())}
		}
	}
	return usageError(c, err)
}

// nearestFlag returns the flag that a misspelt name was probably meant to be, or "".
func nearestFlag(flags *pflag.FlagSet, name string) string {
	var names []string
	flags.VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, f.Name)
		}
	})
	return nearest(names, name, 2)
}

// nearest returns the name that a misspelt one was probably meant to be, some slips away at most, or "".
func nearest(names []string, misspelt string, slips int) string {
	best, least := "", min(slips, len(misspelt)/2)+1
	for _, name := range names {
		if d := levenshtein.Distance(misspelt, name, nil); d < least {
			best, least = name, d
		}
	}
	return best
}

// wantedValue says which values a flag takes, in the words of people. A flag with a form of its own says it itself.
func wantedValue(e *pflag.InvalidValueError) string {
	switch e.GetFlag().Value.Type() {
	case "bool":
		return "it takes true or false, or no value"
	case "int", "uint64":
		return "it takes a whole number"
	case "duration":
		return "it takes a time with its unit, for instance 30s or 5m"
	default:
		return e.Unwrap().Error()
	}
}

// group makes c a command that only has others: it shows its help, and refuses what is none of them.
func group(c *cobra.Command, children ...*cobra.Command) *cobra.Command {
	c.AddCommand(children...)
	c.DisableFlagsInUseLine = true
	c.Args = func(c *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		return unknownCommand(c, args[0])
	}
	c.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
	return c
}

func unknownCommand(c *cobra.Command, name string) error {
	err := fmt.Errorf("there is no command %q", strings.TrimSpace(c.CommandPath()+" "+name))
	c.SuggestionsMinimumDistance = 2
	if near := c.SuggestionsFor(name); len(near) > 0 {
		return hinted{err, fmt.Sprintf("Did you mean %s %s?", c.CommandPath(), near[0])}
	}
	return usageError(c, err)
}

// wantsJSON tells whether --json is among the arguments. Mistakes in them are told as JSON too, though the flags
// can't be read then.
func wantsJSON(args []string) bool {
	if end := slices.Index(args, "--"); end >= 0 {
		args = args[:end]
	}
	return slices.Contains(args, "--json")
}
