package ui_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/bastion-fleet/bastion-fleet/internal/ui"
	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// onTerminal is a text view on a screen of that size.
func onTerminal(s *screen) ui.View {
	stream := ui.Stream{Writer: s, Terminal: true, Size: func() (int, int) { return s.width, s.height }}
	return ui.NewText(ui.Streams{Out: stream, Err: stream})
}

// TestBoardOfACampaign looks at a campaign's moments on terminals of three sizes.
func TestBoardOfACampaign(t *testing.T) {
	for _, size := range []struct{ width, height int }{{80, 24}, {200, 50}, {40, 10}} {
		synctest.Test(t, func(t *testing.T) {
			s := &screen{t: t, width: size.width, height: size.height}
			o := onTerminal(s).Watch(campaignFacts())
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

// TestLinesOfACampaign looks at the whole of it in a pipe.
func TestLinesOfACampaign(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &stamped{start: time.Now()}
		o := ui.NewText(ui.Streams{Out: ui.Stream{Writer: s}}).Watch(campaignFacts())
		campaign(o, func(string) {})
		o.Close()
		golden(t, "campaign.txt", collapsed(s.out.String()))
	})
}

// collapsed leaves out all but the first of lines that are about single orders.
func collapsed(text string) string {
	var out strings.Builder
	said := false
	for line := range strings.Lines(text) {
		single := strings.Contains(line, " failed    ")
		if !single || !said {
			out.WriteString(line)
		}
		said = single
	}
	return out.String()
}

// TestEventsOfACampaign holds the events of waves, bakes, speeds and commands.
func TestEventsOfACampaign(t *testing.T) {
	text := events(t, func(v ui.View) {
		o := v.Watch(campaignFacts())
		campaign(o, func(string) {})
		o.Close()
	})
	var kept []string
	for line := range strings.Lines(text) {
		single := strings.Contains(line, `"apply_`) && strings.Contains(line, `"hook"`)
		if !single || strings.Contains(line, `"order.site[0]"`) {
			kept = append(kept, line)
		}
	}
	golden(t, "campaign.ndjson", strings.Join(kept, ""))
}

// drawEvents draws a run in which anything may happen at any time.
func drawEvents(t *rapid.T) []apply.Event {
	names := rapid.SampledFrom([]string{"", "canary", "a-wave-whose-name-is-long-enough-to-be-cut", "亚洲", "rest"})
	regions := rapid.SampledFrom([]string{"cn-north-1", "eu-frankfurt-1", "a-region-whose-name-is-long-enough-to-be-cut", "区域"})
	at := func() time.Time {
		return noon.Add(time.Duration(rapid.IntRange(0, 200_000).Draw(t, "at")) * time.Millisecond)
	}
	site := func() order.Address { return branch(rapid.IntRange(0, 30).Draw(t, "site")) }
	started := apply.Started{Run: campaignRun, At: noon}
	for range rapid.IntRange(1, 100).Draw(t, "waves") {
		w := apply.WaveTotal{Wave: names.Draw(t, "wave")}
		for i := range rapid.SampledFrom([]int{1, 2, 5, 100}).Draw(t, "regions") {
			n := rapid.SampledFrom([]int{0, 1, 10, 100_000}).Draw(t, "orders")
			w.Regions = append(w.Regions, apply.RegionTotal{Region: fmt.Sprintf("%s-%d", regions.Draw(t, "region"), i), Orders: n, Instances: n})
			w.Orders += n
		}
		started.Waves = append(started.Waves, w)
	}
	one := []func() apply.Event{
		func() apply.Event { return apply.WaveStarted{Wave: names.Draw(t, "wave"), At: at()} },
		func() apply.Event {
			return apply.WaveEnded{Wave: names.Draw(t, "wave"), End: apply.WaveEnd(rapid.IntRange(0, 5).Draw(t, "end")), Reason: "why", At: at()}
		},
		func() apply.Event { return apply.Calling{Address: site(), Region: regions.Draw(t, "region"), At: at()} },
		func() apply.Event { return apply.Bought{Address: site(), Region: regions.Draw(t, "region"), At: at()} },
		func() apply.Event {
			return apply.Failed{Address: site(), Region: regions.Draw(t, "region"), Failure: order.Failure{Message: rapid.StringN(0, 300, -1).Draw(t, "why")}, At: at()}
		},
		func() apply.Event {
			return apply.Skipped{Address: site(), Region: regions.Draw(t, "region"), Wave: names.Draw(t, "wave"), At: at()}
		},
		func() apply.Event {
			return apply.SpeedChanged{Region: regions.Draw(t, "region"), Parallelism: 1, Rate: 0.5, At: at()}
		},
		func() apply.Event { return apply.Paused{By: rapid.StringN(0, 100, -1).Draw(t, "by"), At: at()} },
		func() apply.Event { return apply.Draining{Reason: "interrupted", At: at()} },
		func() apply.Event { return apply.Baking{Wave: names.Draw(t, "wave"), Until: at(), Up: 1, At: at()} },
		func() apply.Event { return apply.AwaitingApproval{Wave: started.Waves[0], At: at()} },
		func() apply.Event { return apply.Ended{At: at()} },
	}
	events := []apply.Event{started}
	for range rapid.IntRange(0, 60).Draw(t, "events") {
		events = append(events, rapid.SampledFrom(one).Draw(t, "event")())
	}
	return events
}

// TestNoFrameExceedsItsTerminal plays anything on terminals of any size: the screen fails at a line or a frame that does not
// fit.
func TestNoFrameExceedsItsTerminal(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		played := drawEvents(rt)
		s := &screen{t: rt, width: rapid.IntRange(40, 250).Draw(rt, "width"), height: rapid.IntRange(8, 120).Draw(rt, "height"), breaks: true}
		facts := campaignFacts()
		if rapid.Bool().Draw(rt, "without facts") {
			facts = ui.RunFacts{}
		}
		synctest.Test(t, func(*testing.T) {
			time.Sleep(time.Until(noon))
			o := onTerminal(s).Watch(facts)
			defer o.Close()
			for _, e := range played {
				o.Handle(e)
				time.Sleep(35 * time.Millisecond)
			}
			time.Sleep(time.Second)
		})
	})
}
