package bastion

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// CreateInstanceRequest is the body of a createInstance call. The fields of all request types stand in alphabetical
// order, as the vendor's clients send them, so that the two can be compared byte by byte.
type CreateInstanceRequest struct {
	ChargeSpec   *ChargeSpec  `json:"chargeSpec,omitempty"` // nil: the API's default billing (unknown)
	InstanceSpec InstanceSpec `json:"instanceSpec"`
}

// ChargeSpec says how a purchase is billed (documented). Unset fields are not sent.
type ChargeSpec struct {
	AutoPay        bool   `json:"autoPay,omitempty"` // false: the purchase waits, unpaid, for somebody to confirm it in the console
	AutoRenew      bool   `json:"autoRenew,omitempty"`
	BuyScenario    string `json:"buyScenario,omitempty"`    // base64 of {"activity":{"activityType":…,"activityIdentifier":…}}
	ChargeDuration int    `json:"chargeDuration,omitempty"` // MONTH: 1 to 9, YEAR: 1 to 3
	ChargeMode     string `json:"chargeMode,omitempty"`     // CONFIG or MONTHLY
	ChargeUnit     string `json:"chargeUnit,omitempty"`     // MONTH or YEAR
}

// InstanceSpec says what is bought (documented). All but Desc is required.
type InstanceSpec struct {
	AZ        string `json:"az"`
	Desc      string `json:"desc,omitempty"` // length limit unknown; a sibling product has 128 bytes
	IPVersion string `json:"ipVersion"`      // v4 or v4&v6
	Quantity  int    `json:"quantity"`       // at least 1; upper limit unknown
	Spec      string `json:"spec"`           // size name; no operation lists them
	SubnetID  string `json:"subnetId"`
	VPCID     string `json:"vpcId"`
}

// A CreateInstanceResult names what one accepted call bought. At least one of BuyID and SourceIDs is set.
type CreateInstanceResult struct {
	BuyID     string
	SourceIDs []string // not necessarily one for each instance (unknown)
	RequestID string
}

// A Bastion is an instance as listings show it (read from the vendor's SDK). It carries neither a sourceId nor a
// buyId: Desc is the only field of ours that comes back.
type Bastion struct {
	BID            string  `json:"bid"`
	InstanceID     string  `json:"instanceId"`
	RegionID       string  `json:"regionId"`
	AZ             string  `json:"az"`
	ChargeMode     string  `json:"chargeMode"`
	ChargeUnit     string  `json:"chargeUnit"`
	ChargeDuration Integer `json:"chargeDuration"`
	Status         Integer `json:"status"` // StatusRunning, StatusExpired; other values unknown
	VPCID          string  `json:"vpcId"`
	SubnetID       string  `json:"subnetId"`
	PublicIP       string  `json:"publicIp"`
	Domain         string  `json:"domain"`
	Spec           string  `json:"spec"`
	StartTime      string  `json:"startTime"` // form unknown
	EndTime        string  `json:"endTime"`   // form unknown
	Desc           string  `json:"desc"`
	ZeroStatus     bool    `json:"zeroStatus"`
	PublicAccess   bool    `json:"publicAccess"`
}

// The known values of Bastion.Status (read from the vendor's SDK).
const (
	StatusRunning Integer = 1
	StatusExpired Integer = 13
)

// An Integer is a whole number that the API writes as 3, 3.0 or "3" (totalCount: seen as an int and as a float). Null
// and an empty text are 0.
type Integer int

// UnmarshalJSON reads any of the forms.
func (n *Integer) UnmarshalJSON(data []byte) error {
	s := strings.Trim(string(data), `"`)
	if s == "" || s == "null" {
		*n = 0
		return nil
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f != math.Trunc(f) || math.Abs(f) > math.MaxInt32 {
		return fmt.Errorf("%.40q is not a whole number of at most %d", data, math.MaxInt32)
	}
	*n = Integer(f)
	return nil
}

// text is a value that the API writes as a text or as a number. What is neither reads as empty: an odd requestId
// must not cost the buyId beside it.
type text string

func (t *text) UnmarshalJSON(data []byte) error {
	var s string
	var n json.Number
	switch {
	case json.Unmarshal(data, &s) == nil:
		*t = text(s)
	case json.Unmarshal(data, &n) == nil:
		*t = text(n)
	default:
		*t = ""
	}
	return nil
}

// encode writes v as it goes out: "v4&v6" stays readable, for the signature covers the exact bytes and some servers
// compare before they decode.
func encode(v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), nil
}
