package ui

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// plural is n with its noun.
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// moment is a time as people read it; in UTC, as in the state and the run log.
func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

// network is where an order's instances are attached.
func network(o *order.Order) string { return o.VPCID + "/" + o.SubnetID }

// billing says how an order is billed.
func billing(c order.Charge) string {
	return strings.Join(nonEmpty(period(c), payment(c), renewal(c), activity(c)), ", ")
}

// period is how long is paid for at a time.
func period(c order.Charge) string {
	switch {
	case c == (order.Charge{}):
		return "billing by default"
	case c.Mode == order.ChargeConfig:
		return "postpaid"
	case c.Unit == order.UnitYear:
		return plural(c.Duration, "year")
	case c.Unit == order.UnitMonth:
		return plural(c.Duration, "month")
	}
	return ""
}

func payment(c order.Charge) string {
	if c.AutoPay {
		return "auto-pay"
	}
	return "pay by hand"
}

func renewal(c order.Charge) string {
	if c.AutoRenew {
		return "auto-renew"
	}
	return ""
}

func activity(c order.Charge) string {
	if c.BuyScenario != "" {
		return "activity"
	}
	return ""
}

// Cause says why a call bought nothing, without what differs from call to call, so that like failures read alike.
func Cause(f order.Failure) string {
	text := strings.Trim(f.Code+": "+f.Message, ": ")
	if text == "" {
		text = strings.ReplaceAll(f.Class.String(), "_", " ")
	}
	text = withoutMarkup(text)
	if f.HTTPStatus != 0 {
		text = fmt.Sprintf("%s (HTTP %d)", text, f.HTTPStatus)
	}
	return Sanitize(strings.Join(strings.Fields(text), " ")) // a foreign answer may have many lines
}

// markup is how a web page begins: what proxies and load balancers answer with in place of the API.
var markup = regexp.MustCompile(`(?i)<(!doctype|\?xml|html|head|body)\b`)

// longestMarkup bounds what is shown of a web page, in columns: enough to tell whose it is. The state and the JSON
// forms keep more of it.
const longestMarkup = 80

func withoutMarkup(text string) string {
	at := markup.FindStringIndex(text)
	if at == nil {
		return text
	}
	page := Sanitize(strings.Join(strings.Fields(text[at[0]:]), " "))
	return text[:at[0]] + shorten(page, longestMarkup)
}

// causeOfCall is Cause with the request's id, by which the vendor's support finds the call, and the ids that the answer
// named all the same.
func causeOfCall(f order.Failure) string {
	text := causeWithRequest(f)
	var named []string
	if f.BuyID != "" {
		named = append(named, "buy id "+Sanitize(f.BuyID))
	}
	if len(f.SourceIDs) > 0 {
		named = append(named, "source id "+Sanitize(firstOf(f.SourceIDs)))
	}
	if len(named) > 0 {
		text += "; the answer names " + strings.Join(named, " and ")
	}
	return text
}

func causeWithRequest(f order.Failure) string {
	if f.RequestID == "" {
		return Cause(f)
	}
	return Cause(f) + ", request " + Sanitize(f.RequestID)
}

const endedBeforeAnswer = "the program ended before an answer came"

// causeOfDoubt says why nobody knows what the record's open call bought.
func causeOfDoubt(r *order.Record) string {
	if r.DoubtWhy == nil {
		return endedBeforeAnswer
	}
	return causeOfCall(*r.DoubtWhy)
}

// seconds is a duration that people wait for.
func seconds(d time.Duration) string {
	d = d.Round(time.Second)
	switch {
	case d >= time.Hour:
		return fmt.Sprintf("%dh%02dm", int(d.Hours()), int(d.Minutes())%60)
	case d >= time.Minute:
		return fmt.Sprintf("%dm%02ds", int(d.Minutes()), int(d.Seconds())%60)
	default:
		return fmt.Sprintf("%ds", int(d.Seconds()))
	}
}

// Took is how long something took: to the second, and to the tenth where it was short.
func Took(d time.Duration) string {
	if d = max(0, d.Round(100*time.Millisecond)); d < 10*time.Second {
		return fmt.Sprintf("%.1fs", d.Seconds())
	}
	return seconds(d)
}

// What can be done about what an apply leaves alone.
const (
	adviceUpdate = "Not executable yet: what is bought is not changed by an apply. Change it in the console and set the file to " +
		"what was bought, or name a new order for what is wished."
	adviceInDoubt = "A call was made and nobody knows whether it bought. It is not made again. " +
		"The next apply looks for what it bought, and so does reconcile; or look in the console of the region for instances " +
		"whose description ends in the marker and say with resolve what became of it."
	adviceDuplicate = "More instances were found than were asked for, or orders share them. Nothing of it was recorded. " +
		"Look in the console at what was bought, and say with resolve what became of the order."
	adviceStranger = "instances carry markers of this state, and no purchase that it knows accounts for them: a call that is " +
		"recorded as one that bought nothing bought all the same, or a copy of the state was used. Look in the console, and " +
		"before anything is bought again delete what is too much or record it with state import."
	adviceForeign = "instances carry markers of this fleet that another state made: another operator buys for it, or an earlier " +
		"state was lost."
	adviceUnmatched = "whose order can't be told. Say it with state import ADDRESS --bid BID."
	adviceUnpaid    = "what is bought waits, unpaid, until somebody pays for it in the console."
)

// adviceHeld is what can be done about n orders that stay in doubt after a look.
func adviceHeld(n int) string {
	stay, them := "They stay in doubt, and are not bought again.", "them"
	if n == 1 {
		stay, them = "It stays in doubt, and is not bought again.", "it"
	}
	return stay + " Listings lag behind purchases, and unpaid ones may be in none. Look again later, with reconcile or the " +
		"next apply, or look in the console and say with resolve what became of " + them + "."
}

// saidAdopted is what became of n orders that a look found.
func saidAdopted(n int) string {
	if n == 1 {
		return "whose answer got lost. It is recorded by the bids of its instances."
	}
	return "whose answers got lost. They are recorded by the bids of their instances."
}
