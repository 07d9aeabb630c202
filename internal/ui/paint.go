package ui

// paint colours text, or leaves it as it is.
type paint bool

const (
	codeBold   = "1"
	codeDim    = "2"
	codeRed    = "31"
	codeGreen  = "32"
	codeYellow = "33"
	codeCyan   = "36"
)

func (p paint) with(code, s string) string {
	if !bool(p) || s == "" || code == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

func (p paint) bold(s string) string   { return p.with(codeBold, s) }
func (p paint) dim(s string) string    { return p.with(codeDim, s) }
func (p paint) red(s string) string    { return p.with(codeRed, s) }
func (p paint) green(s string) string  { return p.with(codeGreen, s) }
func (p paint) yellow(s string) string { return p.with(codeYellow, s) }
