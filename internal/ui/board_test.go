package ui_test

import (
	"bytes"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bastion-fleet/bastion-fleet/internal/ui"
)

// onTerminal is a text view on a screen of that size.
func onTerminal(s *screen, height int) ui.View {
	return ui.NewText(ui.Streams{
		Out: ui.Stream{Writer: &bytes.Buffer{}},
		Err: ui.Stream{Writer: s, Terminal: true, Size: func() (int, int) { return s.width, height }},
	})
}

// TestBoardOfACampaign looks at a campaign's moments on terminals of three sizes.
func TestBoardOfACampaign(t *testing.T) {
	for _, size := range []struct{ width, height int }{{80, 24}, {200, 50}, {40, 10}} {
		synctest.Test(t, func(t *testing.T) {
			s := &screen{t: t, width: size.width, height: size.height}
			o := onTerminal(s, size.height).Watch(campaignFacts())
			look := func(moment string) {
				time.Sleep(200 * time.Millisecond)
				synctest.Wait()
				golden(t, fmt.Sprintf("campaign-%s-%dx%d.txt", moment, size.width, size.height), s.last())
			}
			campaign(o, look)
			o.Close()
			golden(t, fmt.Sprintf("campaign-end-%dx%d.txt", size.width, size.height), s.last())
		})
	}
}
