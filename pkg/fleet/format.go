package fleet

import (
	"bytes"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
)

// Format lays out the text of a fleet or vars file in HCL: two spaces for each level, the equals signs and comments of
// neighbouring lines aligned. Nothing but white space changes. A text that can't be parsed has no layout: the
// diagnostics say why, with places in the file of that name.
func Format(text []byte, name string) ([]byte, hcl.Diagnostics) {
	text = bytes.TrimPrefix(text, byteOrderMark)
	if _, diags := parseText(text, name); diags.HasErrors() {
		return nil, diags
	}
	formatted := hclwrite.Format(text)
	if !sameTokens(text, formatted) { // as in a.0 .1, whose numbers would become one
		return text, nil
	}
	return formatted, nil
}

func sameTokens(a, b []byte) bool {
	tokensOfA, _ := hclsyntax.LexConfig(a, "", hcl.InitialPos)
	tokensOfB, _ := hclsyntax.LexConfig(b, "", hcl.InitialPos)
	return slices.EqualFunc(tokensOfA, tokensOfB, func(x, y hclsyntax.Token) bool {
		return x.Type == y.Type && bytes.Equal(x.Bytes, y.Bytes)
	})
}

// HasLayout tells by a file's name whether it is a fleet or vars file that Format is for. JSON has other tools.
func HasLayout(name string) bool {
	return strings.HasSuffix(name, hclSuffix) || strings.HasSuffix(name, varsSuffix)
}
