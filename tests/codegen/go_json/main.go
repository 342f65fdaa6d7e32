// Writes and reads the JSON of generated structs with encoding/json: a line of JSON in, a line out.
package main

import (
	"bufio"
	"encoding/json"
	"os"

	_ "example.com/common/v1"
	_ "example.com/engine/v1"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// A message in one form, or why there is none.
type exchange struct {
	Message  string `json:"message"`
	Protobuf []byte `json:"protobuf"`
	JSON     []byte `json:"json"`
	Error    string `json:"error"`
}

func main() {
	input := bufio.NewReader(os.Stdin)
	output := json.NewEncoder(os.Stdout)
	decoder := json.NewDecoder(input)
	for decoder.More() {
		var asked exchange
		if err := decoder.Decode(&asked); err != nil {
			panic(err)
		}
		if err := output.Encode(answer(asked)); err != nil {
			panic(err)
		}
	}
}

// From protobuf to JSON, or from JSON to protobuf where the question has JSON.
func answer(asked exchange) exchange {
	found, err := protoregistry.GlobalTypes.FindMessageByName(protoreflect.FullName(asked.Message))
	if err != nil {
		panic(err)
	}
	message := found.New().Interface()
	if asked.JSON != nil {
		if err := json.Unmarshal(asked.JSON, message); err != nil {
			return exchange{Error: err.Error()}
		}
		data, err := proto.MarshalOptions{Deterministic: true}.Marshal(message)
		if err != nil {
			return exchange{Error: err.Error()}
		}
		return exchange{Protobuf: data}
	}
	if err := proto.Unmarshal(asked.Protobuf, message); err != nil {
		panic(err)
	}
	data, err := json.Marshal(message)
	if err != nil {
		return exchange{Error: err.Error()}
	}
	return exchange{JSON: data}
}
