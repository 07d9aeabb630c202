package ui

// WriteReportEvent writes a report as one event among others, for a command that has more to say than the report.
func WriteReportEvent(s Stream, kind, message string, report any) error {
	_, err := s.Write(newLineEncoder().encode(struct {
		envelope
		Report any `json:"report"`
	}{newEnvelope(levelInfo, kind, message), report}))
	return err
}
