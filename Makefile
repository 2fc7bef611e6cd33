# A few words for what is done often.
.PHONY: test race purego arm64 bench bench-peers cover fuzz train ci bench-canon

test:   ; go test ./...
race:   ; go test -race ./internal/kernel ./graph ./tensor ./autodiff ./gnn ./train
purego: ; go test -tags purego ./...
arm64:  ; GOARCH=arm64 go test -exec qemu-aarch64-static ./internal/kernel ./autodiff ./aggregate ./train # Debian: qemu-user-static
bench:  ; go test -run '^$$' -bench . -benchmem ./internal/kernel ./graph ./autodiff ./gnn ./train ./bench
bench-peers: ; bash bench/peers/run.sh # bench/peers/README.md
bench-canon: ; bash bench/peers/canon.sh # group orders and times beside Traces, nauty and bliss
cover:  ; go test -coverprofile=cover.out ./... && go tool cover -func=cover.out | tail -1
train:  ; go run ./cmd/symbridge train
ci:     ; bash .ci/run

# Every fuzz target for a while each: make fuzz FUZZTIME=1m
FUZZTIME ?= 20s
fuzz:
	@for p in $$(go list ./...); do for f in $$(go test -list '^Fuzz' $$p | grep ^Fuzz); do \
		echo "== $$p $$f"; go test -run '^$$' -fuzz "^$$f$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1x $$p || exit 1; done; done
