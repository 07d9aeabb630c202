package fleet_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/bastion-fleet/bastion-fleet/pkg/fleet"
)

// TestSchema holds docs/fleet.schema.json, a JSON schema for *.fleet.json, to the shapes of blocks and to the types and
// descriptions in docs/language.md. Run it with -update to write the file.
func TestSchema(t *testing.T) {
	text, err := json.MarshalIndent(schemaOf(t), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "../../docs/fleet.schema.json", string(text)+"\n")
}

type object = map[string]any

// schemaOf builds the schema: a definition for each block's body, and one for the file.
func schemaOf(t *testing.T) object {
	definitions := object{}
	sections := documentedBlocks(t)
	for name, shape := range fleet.BlockShapes() {
		properties := object{"//": object{"description": "a comment"}}
		for _, r := range sections[name] {
			if slices.Contains(shape.Attributes, r.name) {
				properties[r.name] = attributeSchema(t, r)
			}
		}
		for block, labels := range shape.Blocks {
			properties[block] = blockSchema(blockName(name, block), len(labels))
		}
		body := object{"type": "object", "properties": properties}
		if !shape.Free {
			body["additionalProperties"] = false
		}
		definitions[definitionName(name)] = body
	}
	return object{
		"$schema":     "http://json-schema.org/draft-07/schema#",
		"title":       "A bastion-fleet fleet file (*.fleet.json)",
		"description": "A text is a template: an expression is written \"${…}\".",
		"anyOf":       oneOrMore(reference("")),
		"definitions": definitions,
	}
}

func definitionName(block string) string {
	if block == "" {
		return "file"
	}
	return strings.ReplaceAll(block, " ", "_")
}

func reference(block string) object { return object{"$ref": "#/definitions/" + definitionName(block)} }

// oneOrMore is one value or an array of such, which HCL reads alike.
func oneOrMore(one object) []object {
	return []object{one, {"type": "array", "items": one}}
}

// blockSchema is a property of the block's type: a level of objects for each label, and bodies in them.
func blockSchema(block string, labels int) object {
	schema := object{"anyOf": oneOrMore(reference(block))}
	for range labels {
		schema = object{"anyOf": oneOrMore(object{"type": "object", "additionalProperties": schema})}
	}
	return schema
}

// jsonTypes are the types of docs/language.md as JSON has them, besides text, which may be a template of any.
var jsonTypes = map[string][]string{
	"text":                        {"string", "number"}, // which is converted
	"time":                        {"string"},
	"type":                        {"string"},
	"address":                     {"string"},
	"whole number":                {"integer", "string"},
	"number":                      {"number", "string"},
	"amount":                      {"number", "string"},
	"true or false":               {"boolean", "string"},
	"map, object or set of texts": {"object", "string"},
	"names of attributes, or all": {"array", "string"},
	"list, set, map or object":    {"array", "object", "string"},
	"name":                        {"string"},
	"list of texts":               {"array", "string"},
	"percentage":                  {"number", "string"},
	"any":                         nil,
}

func attributeSchema(t *testing.T, r documented) object {
	types, known := jsonTypes[r.typ]
	if !known {
		t.Errorf("docs/language.md: %s has the type %q, which is none of jsonTypes", r.name, r.typ)
	}
	schema := object{"description": strings.ReplaceAll(r.meaning, "`", "")}
	if types != nil {
		schema["type"] = append([]string{"null"}, types...)
	}
	return schema
}

// TestSchemaKnowsEveryAttribute walks the schema as an editor does: whatever a block may hold has a type or a place to
// look further, and a description.
func TestSchemaKnowsEveryAttribute(t *testing.T) {
	definitions := schemaOf(t)["definitions"].(object)
	for name, shape := range fleet.BlockShapes() {
		properties := definitions[definitionName(name)].(object)["properties"].(object)
		for _, a := range shape.Attributes {
			if property, ok := properties[a].(object); !ok || property["description"] == "" {
				t.Errorf("%s: the attribute %s has no description", name, a)
			}
		}
		for block := range shape.Blocks {
			target := definitionName(blockName(name, block))
			text, _ := json.Marshal(properties[block])
			if !strings.Contains(string(text), `"#/definitions/`+target+`"`) || definitions[target] == nil {
				t.Errorf("%s: the block %s leads to no definition", name, block)
			}
		}
	}
}

// TestSchemaFitsFleets holds that the schema takes every fleet that loads, and refuses what an editor is to mark.
func TestSchemaFitsFleets(t *testing.T) {
	schema := readJSON(t, "../../docs/fleet.schema.json").(object)
	valid, err := filepath.Glob("testdata/fleets/*/*.fleet.json")
	if err != nil || len(valid) == 0 {
		t.Fatalf("no fleets: %v", err)
	}
	for _, path := range valid {
		if !fits(schema, schema, readJSON(t, path)) {
			t.Errorf("%s does not fit the schema", path)
		}
	}
	for _, text := range []string{
		`{"ordre": {}}`, `{"order": {"gw": {"quantiy": 1}}}`, `{"order": {"gw": {"quantity": true}}}`,
		`{"order": {"gw": {"charge": [{"activity": {"kind": "x"}}]}}}`, `{"order": "gw"}`, `[[{"order": {}}]]`,
	} {
		var file any
		if err := json.Unmarshal([]byte(text), &file); err != nil {
			t.Fatal(err)
		}
		if fits(schema, schema, file) {
			t.Errorf("%s fits the schema", text)
		}
	}
}

func readJSON(t *testing.T, path string) (value any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &value); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return value
}

// fits tells whether a value fits a schema, of which it knows the words that ours uses. root holds the definitions.
func fits(root, schema object, value any) bool {
	if name, ok := schema["$ref"].(string); ok {
		definition := root["definitions"].(object)[strings.TrimPrefix(name, "#/definitions/")].(object)
		return fits(root, definition, value)
	}
	if choices, ok := schema["anyOf"].([]any); ok {
		return slices.ContainsFunc(choices, func(choice any) bool { return fits(root, choice.(object), value) })
	}
	if !isOfType(schema["type"], value) {
		return false
	}
	switch value := value.(type) {
	case []any:
		items, ok := schema["items"].(object)
		return !ok || !slices.ContainsFunc(value, func(item any) bool { return !fits(root, items, item) })
	case object:
		properties, _ := schema["properties"].(object)
		for name, part := range value {
			property, known := properties[name].(object)
			if !known {
				property, known = schema["additionalProperties"].(object)
			}
			if known && !fits(root, property, part) || !known && schema["additionalProperties"] == false {
				return false
			}
		}
	}
	return true
}

func isOfType(types, value any) bool {
	name := "null"
	switch value.(type) {
	case bool:
		name = "boolean"
	case float64:
		name = "number"
	case string:
		name = "string"
	case []any:
		name = "array"
	case object:
		name = "object"
	}
	switch types := types.(type) {
	case string:
		return types == name
	case []any:
		return slices.Contains(types, any(name)) || name == "number" && slices.Contains(types, any("integer"))
	}
	return true
}
