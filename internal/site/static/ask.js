// Asking on the page of a question.
