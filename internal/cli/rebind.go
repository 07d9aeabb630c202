package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

func newStateRebindCmd(g *globals) *cobra.Command {
	var autoApprove bool
	c := &cobra.Command{
		Use:   "rebind",
		Short: "Go on with another access key of the same account",
		Long: `Go on with another access key of the account that the state was bought from, when the old one was replaced. No
operation of the API tells which account a key is of, so this takes your word: it asks, calls nothing, and records who
said so and when. With a key of another account the plan would take what was bought there for bought here.`,
		Args: takes(0, 0, "no arguments"),
		RunE: func(c *cobra.Command, _ []string) error { return g.rebind(c.Context(), autoApprove) },
	}
	c.Flags().BoolVar(&autoApprove, "auto-approve", false, "rebind without asking")
	return c
}

func (g *globals) rebind(ctx context.Context, autoApprove bool) error {
	a, err := g.account()
	if err != nil {
		return err
	}
	if a.missing != nil {
		return a.missing
	}
	path := g.statePath(".")
	s, err := state.Read(path)
	switch {
	case err != nil:
		return unusable(err)
	case s.Fresh():
		return hinted{fmt.Errorf("there is no state at %s", path), "There is nothing to rebind: the first apply binds a state."}
	case s.Binding.Account == a.credentials.Account():
		g.view().Notice("The state is bound to this access key already.")
		return nil
	}
	var atOnce locking
	return atOnce.withState(ctx, g, path, "rebind", func(s *state.Store) error { return g.recordRebind(ctx, s, a, autoApprove) })
}

// recordRebind asks, and writes the new account down as a run of its own.
func (g *globals) recordRebind(ctx context.Context, store *state.Store, a account, autoApprove bool) error {
	question := fmt.Sprintf("The state of fleet %s was bought with another access key than %s.\nAre both of the same account?",
		store.Snapshot().Binding.Fleet, a.credentials)
	if err := g.confirm(ctx, question, autoApprove); err != nil {
		return err
	}
	store.Rebind(a.credentials.Account())
	now := time.Now()
	run, err := store.StartRun(ctx, state.RunInfo{ID: state.NewRunID(now), Command: "rebind", Started: now})
	if err != nil {
		return unusable(err)
	}
	run.Note(state.Note{Kind: "rebound", At: now, Text: operator(store) + " said that the access keys are of one account"})
	if err := run.Close(state.RunSummary{Ended: time.Now()}); err != nil {
		return err
	}
	g.view().Notice("The state is bound to the new access key.")
	return nil
}

// confirm asks for a word that is recorded, unless a flag has given it.
func (g *globals) confirm(ctx context.Context, question string, autoApprove bool) error {
	if autoApprove {
		return nil
	}
	if g.json {
		return hinted{errors.New("--json can't ask for confirmation"), "Add --auto-approve."}
	}
	yes, err := g.askPerson(ctx, question)
	if err == nil && !yes {
		return hinted{errors.New("not confirmed: nothing was changed"), "Answer yes, or add --auto-approve."}
	}
	return err
}
