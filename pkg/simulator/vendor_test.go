package simulator_test

import (
	"strings"
	"testing"

	"github.com/jdcloud-api/jdcloud-sdk-go/core"
	"github.com/jdcloud-api/jdcloud-sdk-go/services/bastion/apis"
	vendor "github.com/jdcloud-api/jdcloud-sdk-go/services/bastion/client"
	"github.com/jdcloud-api/jdcloud-sdk-go/services/bastion/models"
	charge "github.com/jdcloud-api/jdcloud-sdk-go/services/charge/models"
	common "github.com/jdcloud-api/jdcloud-sdk-go/services/common/models"

	"github.com/bastion-fleet/bastion-fleet/pkg/simulator"
)

// The vendor's own client works against the simulator, over a socket: it repeats the region in the body, sends nulls
// and escapes the & of v4&v6.
func TestTheVendorsClient(t *testing.T) {
	s := start(t, simulator.Options{})
	server := overHTTP(t, s)
	c := vendor.NewBastionClient(core.NewCredentials("sim", "sim"))
	c.DisableLogger()
	c.Config.SetScheme("http")
	c.Config.SetEndpoint(strings.TrimPrefix(server.URL, "http://"))

	mode, unit, duration := "CONFIG", "MONTH", 3
	request := apis.NewCreateInstanceRequest(north, &models.InstanceSpec{
		Az: "cn-north-1a", VpcId: "vpc-a", SubnetId: "subnet-a", Spec: "bastion-50", Quantity: 1, IpVersion: "v4&v6",
	})
	request.SetChargeSpec(&charge.ChargeSpec{ChargeMode: &mode, ChargeUnit: &unit, ChargeDuration: &duration})
	created, err := c.CreateInstance(request)
	if err != nil || created.Error.Code != 0 || created.Result.BuyId == "" || len(created.Result.SourceIds) != 1 {
		t.Fatalf("%+v, %v", created, err)
	}
	if got := string(s.Ledger()[0].Request); !strings.Contains(got, `"v4\u0026v6"`) || !strings.Contains(got, `"regionId":"cn-north-1"`) || !strings.Contains(got, "null") {
		t.Errorf("the vendor's client has changed: %s", got)
	}

	source, err := c.DescribeSourceId(apis.NewDescribeSourceIdRequest(north, created.Result.SourceIds[0].SourceId))
	if err != nil || source.Result.Bastion.Bid == "" {
		t.Fatalf("%+v, %v", source, err)
	}
	bid, instance := source.Result.Bastion.Bid, source.Result.Bastion.InstanceId

	name, direction := "createTime", "desc"
	listing := apis.NewDescribeBastionsRequest(north)
	listing.SetPageSize(10)
	listing.SetSorts([]common.Sort{{Name: &name, Direction: &direction}})
	listing.SetFilters([]common.Filter{{Name: "bid", Values: []string{bid, "another"}}})
	listed, err := c.DescribeBastions(listing)
	if err != nil || listed.Result.TotalCount != 1 || listed.Result.Bastions[0].Bid != bid {
		t.Fatalf("%+v, %v", listed, err)
	}
	listing.SetFilters([]common.Filter{{Name: "bid", Values: []string{"another"}}})
	if listed, err = c.DescribeBastions(listing); err != nil || listed.Result.TotalCount != 0 {
		t.Fatalf("%+v, %v", listed, err)
	}
	manageByVendor(t, c, bid, instance)
	if len(s.Ledger()) != 1 {
		t.Errorf("%d purchases", len(s.Ledger()))
	}
}

// manageByVendor makes every call that changes an instance, and deletes it.
func manageByVendor(t *testing.T, c *vendor.BastionClient, bid, instance string) {
	t.Helper()
	check := func(op string, code int, err error) {
		if err != nil || code != 0 {
			t.Errorf("%s: code %d, %v", op, code, err)
		}
	}
	desc := apis.NewUpdateBastionDescRequestWithoutParam()
	desc.SetRegionId(north)
	desc.SetBid(bid)
	desc.SetDesc("new words")
	described, err := c.UpdateBastionDesc(desc)
	check("updateBastionDesc", described.Error.Code, err)

	access := apis.NewSetInstancePublicAccessRequest(north, instance, true)
	accessed, err := c.SetInstancePublicAccess(access)
	check("setInstancePublicAccess", accessed.Error.Code, err)

	spec := apis.NewModifyInstanceSpecRequestWithoutParam()
	spec.SetRegionId(north)
	spec.SetInstanceId(instance)
	spec.SetSpec("bastion-100")
	resized, err := c.ModifyInstanceSpec(spec)
	check("modifyInstanceSpec", resized.Error.Code, err)

	expired, err := c.ModifyInstanceExpireOrStart(apis.NewModifyInstanceExpireOrStartRequest(north, instance, 13))
	check("modifyInstanceExpireOrStart", expired.Error.Code, err)
	zero, err := c.SetInstanceZeroEnable(apis.NewSetInstanceZeroEnableRequest(north, instance, true))
	check("setInstanceZeroEnable", zero.Error.Code, err)
	sign, err := c.DescribeSign(apis.NewDescribeSignRequest(north, instance))
	check("describeSign", sign.Error.Code, err)
	pins, err := c.DescribePins(apis.NewDescribePinsRequest(north))
	check("describePins", pins.Error.Code, err)
	if sign.Result.Sign.Sign == "" || len(pins.Result.Pins) != 1 {
		t.Errorf("%+v, %+v", sign.Result, pins.Result)
	}

	shown, err := c.DescribeBastion(apis.NewDescribeBastionRequest(north, bid))
	check("describeBastion", shown.Error.Code, err)
	if b := shown.Result.Bastion; b.Desc != "new words" || b.Spec != "bastion-100" || !b.PublicAccess || !b.ZeroStatus || b.Status != 13 {
		t.Errorf("%+v", b)
	}
	deleted, err := c.DeleteInstance(apis.NewDeleteInstanceRequest(north, instance))
	check("deleteInstance", deleted.Error.Code, err)
	gone, err := c.DescribeInstance(apis.NewDescribeInstanceRequest(north, instance))
	if err != nil || gone.Error.Code != 404 {
		t.Errorf("a deleted instance: %+v, %v", gone, err)
	}
}

func TestTheVendorsClientWithAWrongKey(t *testing.T) {
	server := overHTTP(t, start(t, simulator.Options{}))
	c := vendor.NewBastionClient(core.NewCredentials("sim", "wrong"))
	c.DisableLogger()
	c.Config.SetScheme("http")
	c.Config.SetEndpoint(strings.TrimPrefix(server.URL, "http://"))
	got, err := c.DescribeBastions(apis.NewDescribeBastionsRequest(north))
	if err != nil || got.Error.Code != 403 || got.Error.Status != "HTTP_FORBIDDEN" {
		t.Errorf("%+v, %v", got, err)
	}
}
