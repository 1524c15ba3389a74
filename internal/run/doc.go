// Package run answers questions: it finds the edition that governs the facts,
// evaluates its plan, concludes, and makes the answer, whose values and reasons are
// found when somebody asks for them by evaluating again.
package run
