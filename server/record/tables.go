package record

import "github.com/servicerules/rulebook/server/internal/postgres"

// tables are all tables of a store, whatever it is kept in.
var tables = []postgres.Table{
	{Name: "rulebooks", Columns: "sha256, text"},
	{Name: "decisions", Columns: "seq, hash, recorded, question, verdict, retry, body"},
	{Name: "imports", Columns: "id, month, source, at, caller, reason, replaces, summary, erased, eraser, why"},
	{Name: "import_files", Columns: "import, name, size, sha256"},
	{Name: "import_parts", Columns: "import, name, part, data"},
	{Name: "steps", Columns: "seq, hash, of, kind, who, corrects, retry, body"},
	{Name: "rule_texts", Columns: "sha256, data"},
	{Name: "change_steps", Columns: "seq, hash, change, kind, retry, body"},
	{Name: "events", Columns: "seq, id, at, type, of, data"},
	{Name: "webhooks", Columns: "name, url, types, secret, from_file, made, caller, cursor, delivered, tries, failing, next, problem, stopped, old_secret, old_until"},
}
