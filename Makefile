# What a newcomer guesses: make, make test, make check, make bench, make demo.

GO      ?= go
VERSION ?= $(shell git describe --tags --dirty 2>/dev/null || echo dev-$$(git rev-parse --short HEAD))
BIN     := bin/bastion-fleet
FUZZTIME ?= 10s

# These tests drive a program that they build, of which the race detector would see nothing.
DRIVING := ./internal/torture/kill ./internal/torture/powercut

.DEFAULT_GOAL := build
.PHONY: build test check fmt tidy vet staticcheck race plain bench fuzz torture mutate demo picture clean

build: ## the program, in bin/
	$(GO) build -trimpath -ldflags "-X github.com/bastion-fleet/bastion-fleet/internal/cli.version=$(VERSION)" -o $(BIN) ./cmd/bastion-fleet

test: ## every test
	$(GO) test ./...

check: fmt tidy vet staticcheck race plain ## what CI runs: formatting, go.mod, vet, staticcheck, and every test once, with the race detector where it can see, and an eye on secrets

fmt:
	@unformatted="$$(gofmt -l cmd internal pkg scripts)"; test -z "$$unformatted" || { echo "not gofmt-ed:"; echo "$$unformatted"; exit 1; }

tidy:
	$(GO) mod tidy -diff

vet:
	$(GO) vet ./...

staticcheck:
	$(GO) tool staticcheck ./...

race:
	@command -v "$$($(GO) env CC)" >/dev/null || { echo "the race detector needs a C compiler: install gcc"; exit 1; }
	CGO_ENABLED=1 $(GO) run ./scripts/canary -race $$($(GO) list ./pkg/... ./internal/... | grep -v $(DRIVING:./%=-e /%$$))

plain:
	$(GO) run ./scripts/canary $(DRIVING) ./cmd/... ./scripts/...

bench: ## the benchmarks of docs/performance.md
	$(GO) test -run '^$$' -bench . -benchmem -timeout 30m ./pkg/... ./internal/...

fuzz: ## looks for a fleet file, an expression, a plan file or an answer that breaks its reader, for FUZZTIME each
	$(GO) test -run '^$$' -fuzz FuzzLoad -fuzztime $(FUZZTIME) ./pkg/fleet
	$(GO) test -run '^$$' -fuzz FuzzFormat -fuzztime $(FUZZTIME) ./pkg/fleet
	$(GO) test -run '^$$' -fuzz FuzzConsole -fuzztime $(FUZZTIME) ./pkg/fleet
	$(GO) test -run '^$$' -fuzz FuzzDecode -fuzztime $(FUZZTIME) ./pkg/plan
	$(GO) test -run '^$$' -fuzz FuzzAnswer -fuzztime $(FUZZTIME) ./pkg/bastion

torture: ## the promise under kills and faults, for an hour or so: a table of figures on stdout. ARGS=-help for choices
	@$(GO) run ./scripts/torture $(ARGS)

mutate: ## takes away each safeguard in turn and shows which test notices it, for an hour or so. ARGS=-help for choices
	@$(GO) run ./scripts/mutate $(ARGS)

demo: build ## plans and applies an example fleet against the simulator
	@sh scripts/demo.sh $(BIN)

picture: build ## draws the picture in README.md anew; needs tmux
	@sh scripts/picture.sh $(BIN)

clean:
	rm -rf bin
