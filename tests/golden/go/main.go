// Writes and reads JSON with encoding/json, for the fixtures of the golden tests.
//
//	go run . write < cases.json
//	go run . read < inputs.json
//	go run . floats < numbers.json
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"golden/omitempty"
	"golden/plain"
)

// One message's value, as JSON.
type testCase struct {
	Message string          `json:"message"`
	Name    string          `json:"name"`
	Value   json.RawMessage `json:"value"`
}

// What a case's value looks like when Go writes it.
type written struct {
	Message   string `json:"message"`
	Name      string `json:"name"`
	Omitempty []byte `json:"omitempty"`
	Plain     []byte `json:"plain"`
}

// Bytes that may or may not be a message.
type input struct {
	Message string `json:"message"`
	Data    []byte `json:"data"`
}

// What Go makes of them: the message written anew, or null where Go gives an error.
type reading struct {
	Message string `json:"message"`
	Data    []byte `json:"data"`
	Written []byte `json:"written"`
}

// Numbers, and the text that each is written as.
type floats struct {
	Float32 float32 `json:"float32"`
	Float64 float64 `json:"float64"`
	Text32  string  `json:"text32"`
	Text64  string  `json:"text64"`
}

func main() {
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(command string) error {
	switch command {
	case "write":
		return convert(write)
	case "read":
		return convert(read)
	case "floats":
		return convert(spell)
	}
	return fmt.Errorf("no command %q: write, read or floats", command)
}

// convert reads a list from standard input and writes each element's result.
func convert[In, Out any](one func(In) (Out, error)) error {
	var inputs []In
	if err := json.NewDecoder(os.Stdin).Decode(&inputs); err != nil {
		return err
	}
	outputs := make([]Out, 0, len(inputs))
	for _, in := range inputs {
		out, err := one(in)
		if err != nil {
			return err
		}
		outputs = append(outputs, out)
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", " ")
	return encoder.Encode(outputs)
}

func write(c testCase) (written, error) {
	short, err := rewrite(omitempty.New(c.Message), c.Value)
	if err != nil {
		return written{}, fmt.Errorf("%s %s: %w", c.Message, c.Name, err)
	}
	long, err := rewrite(plain.New(c.Message), c.Value)
	return written{c.Message, c.Name, short, long}, err
}

func read(in input) (reading, error) {
	// An error is the answer, not a failure.
	out, _ := rewrite(omitempty.New(in.Message), in.Data)
	return reading{in.Message, in.Data, out}, nil
}

func rewrite(message any, data []byte) ([]byte, error) {
	if err := json.Unmarshal(data, message); err != nil {
		return nil, err
	}
	return json.Marshal(message)
}

func spell(numbers floats) (floats, error) {
	short, err := json.Marshal(numbers.Float32)
	if err != nil {
		return floats{}, err
	}
	long, err := json.Marshal(numbers.Float64)
	numbers.Text32, numbers.Text64 = string(short), string(long)
	return numbers, err
}
