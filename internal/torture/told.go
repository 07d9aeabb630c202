package torture

import (
	"encoding/json"
	"strings"
)

// Told returns the buyIds that an apply with --json said it had bought and recorded. Its last line may be cut.
func Told(said string) []string {
	var told []string
	for line := range strings.Lines(said) {
		var event struct {
			Type string `json:"type"`
			Hook struct {
				BuyID string `json:"buy_id"`
			} `json:"hook"`
		}
		if json.Unmarshal([]byte(line), &event) == nil && event.Type == "apply_complete" && event.Hook.BuyID != "" {
			told = append(told, event.Hook.BuyID)
		}
	}
	return told
}
