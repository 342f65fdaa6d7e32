// Parses templates with text/template: one JSON string per line in, the error (or "") out.
package main

import (
	"encoding/json"
	"io"
	"os"
	"text/template"
)

func main() {
	in, out := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	for {
		var content, message string
		if err := in.Decode(&content); err == io.EOF {
			return
		} else if err != nil {
			panic(err)
		}
		if _, err := template.New("guide").Parse(content); err != nil {
			message = err.Error()
		}
		if err := out.Encode(message); err != nil {
			panic(err)
		}
	}
}
