package site

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// Addresses of parts of the site, below the directory of a language. They rest on
// ids alone, so that a link to a rule stays right while its wording changes.

func regulationAddress(id string) string { return "regulations/" + id + ".html" }

// articleAddress is where an article stands: time_limit/6.1.
func articleAddress(id string) string {
	regulation, number, _ := strings.Cut(id, "/")
	return regulationAddress(regulation) + "#" + articleAnchor(number)
}

func articleAnchor(number string) string { return "article-" + number }

// ruleAddress is where a rule stands, by its id: time_limit.install_urban.
func ruleAddress(id string) string {
	regulation, name, _ := strings.Cut(id, ".")
	return regulationAddress(regulation) + "#" + ruleAnchor(name)
}

func ruleAnchor(name string) string { return "rule-" + name }

func readingAddress(key string) string { return "readings.html#" + readingAnchor(key) }

func readingAnchor(key string) string { return "reading-" + key }

func factAnchor(path string) string { return "fact-" + path }

func questionAddress(id string) string { return "questions/" + id + ".html" }

func casesAddress(question string) string { return "cases/" + question + ".html" }

// caseAnchor is made of the case's name, which is any text.
func caseAnchor(name string) string {
	sum := sha256.Sum256([]byte(name))
	const enough = 6
	return "case-" + hex.EncodeToString(sum[:enough])
}
