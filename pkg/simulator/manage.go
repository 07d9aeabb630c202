package simulator

import (
	"slices"

	"github.com/bastion-fleet/bastion-fleet/pkg/bastion"
)

// What these operations change is not in the ledger file: a restart shows every instance as it was bought.

type done struct {
	Result bool `json:"result"`
}

// change finds the instance, reads the body into v and does it.
func (s *Simulator) change(index map[string]*instance, q request, v any, do func(*instance) *refusal) (any, *refusal) {
	i, refused := s.find(index, q)
	if refused == nil {
		refused = decode(q.body, v)
	}
	if refused == nil {
		refused = do(i)
	}
	return done{Result: refused == nil}, refused
}

func (s *Simulator) updateBastionDesc(q request) (any, *refusal) {
	var body struct {
		Desc *string `json:"desc"`
	}
	return s.change(s.account.byBID, q, &body, func(i *instance) *refusal {
		if body.Desc == nil {
			return badRequest("desc is required")
		}
		i.Desc = *body.Desc
		return nil
	})
}

func (s *Simulator) modifyInstanceSpec(q request) (any, *refusal) {
	var body struct {
		Spec string `json:"spec"`
	}
	_, refused := s.change(s.account.byID, q, &body, func(i *instance) *refusal {
		if body.Spec == "" || body.Spec == i.Spec {
			return badRequest("spec must be another one than now")
		}
		i.Spec = body.Spec
		return nil
	})
	return map[string]string{"buyId": "upgrade-" + q.id}, refused
}

func (s *Simulator) modifyInstanceExpireOrStart(q request) (any, *refusal) {
	var body struct {
		Status bastion.Integer `json:"status"`
	}
	return s.change(s.account.byID, q, &body, func(i *instance) *refusal {
		if body.Status != bastion.StatusRunning && body.Status != bastion.StatusExpired {
			return badRequest("status must be %d or %d", bastion.StatusRunning, bastion.StatusExpired)
		}
		i.Status = body.Status
		return nil
	})
}

func (s *Simulator) setInstancePublicAccess(q request) (any, *refusal) {
	return s.setFlag(q, func(i *instance) *bool { return &i.PublicAccess })
}

func (s *Simulator) setInstanceZeroEnable(q request) (any, *refusal) {
	return s.setFlag(q, func(i *instance) *bool { return &i.ZeroStatus })
}

func (s *Simulator) setFlag(q request, flag func(*instance) *bool) (any, *refusal) {
	var body struct {
		Status *bool `json:"status"`
	}
	return s.change(s.account.byID, q, &body, func(i *instance) *refusal {
		if body.Status == nil {
			return badRequest("status is required")
		}
		*flag(i) = *body.Status
		return nil
	})
}

// deleteInstance takes an instance out of the listings. The purchase stays in the ledger: deleting is no refund.
func (s *Simulator) deleteInstance(q request) (any, *refusal) {
	i, refused := s.find(s.account.byID, q)
	if refused != nil {
		return nil, refused
	}
	delete(s.account.byID, i.InstanceID)
	delete(s.account.byBID, i.BID)
	r := s.account.region(q.region)
	r.listed = slices.DeleteFunc(r.listed, func(other *instance) bool { return other == i })
	return done{Result: true}, nil
}

func (s *Simulator) describeSign(q request) (any, *refusal) {
	return map[string]any{"sign": map[string]any{"sign": "simulated", "ts": q.serial, "sk": "simulated"}}, nil
}

func (s *Simulator) describePins(request) (any, *refusal) {
	return map[string]any{"pins": []map[string]string{{"pin": "sim"}}}, nil
}
