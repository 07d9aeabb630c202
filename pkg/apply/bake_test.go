package apply_test

import (
	"context"

	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
)

// watching plays a watcher.
type watching func(bought []apply.Watched) ([]apply.Health, error)

func (w watching) Look(_ context.Context, bought []apply.Watched) ([]apply.Health, error) {
	return w(bought)
}
