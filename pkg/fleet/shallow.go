package fleet

// shallow tells that a native file nests no deeper than may be parsed, by its bytes. It is right whenever it says yes, and
// says no where it can't tell: interpolations, heredocs and block comments hold text that only the lexer tells from
// brackets. The lexer takes half as long as the parser, and the largest fleets are thousands of plain blocks.
func shallow(src []byte) bool {
	var open [MaxNesting]byte
	depth, operators := 0, 0
	for i := 0; i < len(src); i++ {
		switch c := src[i]; c {
		case '{', '(', '[':
			if depth++; depth == MaxNesting-1 { // a string in it is one deeper
				return false
			}
			open[depth] = c
			operators++
		case '}', ')', ']':
			if open[depth] != opener(c) {
				return false
			}
			depth--
		case '"':
			end := plainEnd(src, i+1)
			if end < 0 {
				return false
			}
			i = end
		case '~': // before a brace it ends interpolations
			return false
		case '\n':
			if depth == 0 { // within brackets it may end nothing
				operators = 0
			}
		case '#':
			i = lineEnd(src, i) - 1
		case '/', '<':
			switch next := byteAt(src, i+1); {
			case next == '*' || c == '<' && next == '<':
				return false
			case c == '/' && next == '/':
				i = lineEnd(src, i) - 1
			default:
				operators++
			}
		case '*', '+', '-', '%', '=', '!', '>', '&', '|', '?', '.':
			operators++
		}
		if operators > MaxOperands {
			return false
		}
	}
	return true
}

// opener returns the bracket that a closing one closes.
func opener(closing byte) byte {
	switch closing {
	case ')':
		return '('
	case ']':
		return '['
	default:
		return '{'
	}
}

// plainEnd returns the offset of the quote that ends the string whose text begins at i, or -1 if the string holds more
// than plain text or does not end on its line.
func plainEnd(src []byte, i int) int {
	for ; i < len(src); i++ {
		switch src[i] {
		case '"':
			return i
		case '\\':
			if i++; byteAt(src, i) == '\n' || byteAt(src, i) == '\r' {
				return -1
			}
		case '\n', '$', '%':
			return -1
		}
	}
	return -1
}

// lineEnd returns the offset of the newline that ends the line, or that of the text's end.
func lineEnd(src []byte, i int) int {
	for i < len(src) && src[i] != '\n' {
		i++
	}
	return i
}

func byteAt(src []byte, i int) byte {
	if i < len(src) {
		return src[i]
	}
	return 0
}
