// Package report folds a run's log into a report of the run, and writes it for people (text, Markdown, HTML) and for
// programs (JSON, CSV).
//
// [Fold] is pure: it reads entries and nothing else, so that the same log gives the same report. What the log does not
// say is not made up: an order that a run never came to before it died has no line in the log, and is counted, not listed.
//
// The words of a report:
//
//   - An order is *bought*, *failed*, *in doubt* or *not tried*; while the run goes on it may be *under way*. What came into
//     the state by an import is *imported*: the run made no call for it.
//   - A *call* is one createInstance call. An order's first call and each further attempt are calls; an attempt that the
//     run's end forestalled is none.
//
// Every text in a report may come from the API or the network. The forms for people sanitize them, the HTML and the
// spreadsheet's CSV guard against what their readers would act on, and no sensitive field of an order is in any.
package report
