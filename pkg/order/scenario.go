package order

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
)

// MaxScenarioLength bounds an encoded buyScenario, in bytes. The API names no bound; a header-sized one keeps
// requests small.
const MaxScenarioLength = 4096

// A Scenario is the campaign voucher that an order may carry, before encoding.
type Scenario struct {
	Activity Activity `json:"activity"`
}

// Activity names the campaign. Both fields are required.
type Activity struct {
	Type       string `json:"activityType"`
	Identifier string `json:"activityIdentifier"`
}

// EncodeScenario returns s in the form that the API takes: base64 of its JSON.
func EncodeScenario(s Scenario) (string, error) {
	if s.Activity.Type == "" || s.Activity.Identifier == "" {
		return "", errors.New("an activity needs both a type and an identifier")
	}
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		return "", err
	}
	encoded := base64.StdEncoding.EncodeToString(bytes.TrimSpace(text.Bytes()))
	if len(encoded) > MaxScenarioLength {
		return "", fmt.Errorf("an encoded activity may be %d bytes long, this one is %d", MaxScenarioLength, len(encoded))
	}
	return encoded, nil
}

// DecodeScenario reads an encoded buyScenario and returns why it isn't one.
func DecodeScenario(encoded string) (Scenario, error) {
	if len(encoded) > MaxScenarioLength {
		return Scenario{}, fmt.Errorf("it may be %d bytes long, this one is %d", MaxScenarioLength, len(encoded))
	}
	text, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return Scenario{}, errors.New("it is not base64")
	}
	var s Scenario
	if err := json.Unmarshal(text, &s); err != nil {
		return Scenario{}, errors.New(`decoded, it is not JSON of the form {"activity":{"activityType":…,"activityIdentifier":…}}`)
	}
	if s.Activity.Type == "" || s.Activity.Identifier == "" {
		return Scenario{}, errors.New("decoded, it lacks activity.activityType or activity.activityIdentifier")
	}
	return s, nil
}
