// Command handler is somebody's own server, which has the API of the rulebook
// beside its own pages. Run it from the root of the checkout:
// go run ./examples/embed/handler
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/signal"
	"time"

	"github.com/servicerules/rulebook/server/api"
	"github.com/servicerules/rulebook/server/live"
	"github.com/servicerules/rulebook/server/record"
	"github.com/servicerules/rulebook/server/service"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, "127.0.0.1:8081", "decisions.db"); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, addr, db string) (err error) {
	rules, err := live.Open(ctx, live.Options{}) // or Options{File: "rules.yaml"}, and rules.Watch
	if err != nil {
		return err
	}
	store, err := record.Open(ctx, db, record.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	server := &http.Server{Addr: addr, Handler: newMux(rules, store), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second}
	defer context.AfterFunc(ctx, func() { _ = server.Shutdown(context.WithoutCancel(ctx)) })()
	fmt.Printf("open http://%s/\n", addr)
	if err = server.ListenAndServe(); errors.Is(err, http.ErrServerClosed) {
		err = nil
	}
	return err
}

// newMux is the program's own mux. The API is a handler like any other: it can
// have a prefix, and whatever guards the rest guards it too.
func newMux(rules *live.Rules, store *record.Store) *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, "billing, by the rules %s\n", rules.Current().SHA256)
	})
	decide := api.New(service.New(rules, store, nil), api.Options{})
	mux.Handle("/rules/", employeesOnly(http.StripPrefix("/rules", decide)))
	return mux
}

// employeesOnly stands for what lets people into the rest of the program.
func employeesOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, password, ok := r.BasicAuth(); !ok || password != os.Getenv("BILLING_PASSWORD") || password == "" {
			w.Header().Set("WWW-Authenticate", `Basic realm="billing"`)
			http.Error(w, "who is there?", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}
