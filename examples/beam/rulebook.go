package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/batch"
)

// The options of the pipeline in which the question travels to every worker.
const (
	optionRules = "rulebook_text"   // the rules file: gzip, base64
	optionHash  = "rulebook_sha256" // of the rules file
	optionOrder = "rulebook_order"  // what is asked: JSON
)

// order is what is asked of the rulebook, besides its text.
type order struct {
	Plan     batch.Plan
	Readings []string // "key=option"
}

// send puts the rules file and what is asked into the options of the pipeline.
func send(rules []byte, o order) error {
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	if _, err := w.Write(rules); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	text, err := json.Marshal(o)
	if err != nil {
		return err
	}
	beam.PipelineOptions.Set(optionRules, base64.StdEncoding.EncodeToString(zipped.Bytes()))
	beam.PipelineOptions.Set(optionHash, hash(rules))
	beam.PipelineOptions.Set(optionOrder, string(text))
	return nil
}

func hash(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// received is the book that came with the pipeline, and what is asked of it.
type received struct {
	book  *rulebook.Book
	order order
}

var (
	loading sync.Mutex
	loaded  = map[string]*received{} // by the options they came in
)

// receive loads the rulebook that came with the pipeline, once in a process.
// A text that is not the one that was sent is refused.
func receive() (*received, error) {
	encoded, want, text := beam.PipelineOptions.Get(optionRules), beam.PipelineOptions.Get(optionHash), beam.PipelineOptions.Get(optionOrder)
	loading.Lock()
	defer loading.Unlock()
	key := strings.Join([]string{encoded, want, text}, "\n")
	if r := loaded[key]; r != nil {
		return r, nil
	}
	r := &received{}
	if err := json.Unmarshal([]byte(text), &r.order); err != nil {
		return nil, fmt.Errorf("the pipeline option %s: %w", optionOrder, err)
	}
	zipped, err := gzip.NewReader(base64.NewDecoder(base64.StdEncoding, strings.NewReader(encoded)))
	if err != nil {
		return nil, fmt.Errorf("the pipeline option %s: %w", optionRules, err)
	}
	rules, err := io.ReadAll(zipped)
	if err != nil {
		return nil, fmt.Errorf("the pipeline option %s: %w", optionRules, err)
	}
	if got := hash(rules); got != want {
		return nil, fmt.Errorf("the rulebook is not the one that was sent: its sha256 is %s, want %s", got, want)
	}
	if r.book, err = parse(rules, r.order.Readings); err != nil {
		return nil, err
	}
	if got := r.book.Rulebook().SHA256; got != want {
		return nil, fmt.Errorf("the library answers by a rulebook with sha256 %s, want %s", got, want)
	}
	loaded[key] = r
	return r, nil
}

func parse(rules []byte, readings []string) (*rulebook.Book, error) {
	book, err := rulebook.Parse("rules.yaml", rules)
	if err != nil {
		return nil, err
	}
	for _, r := range readings {
		key, option, _ := strings.Cut(r, "=")
		if book, err = book.With(rulebook.Reading(key, option)); err != nil {
			return nil, err
		}
	}
	return book, nil
}
