package main

import (
	"bytes"
	"encoding/json"

	"google.golang.org/grpc/encoding"
)

// jsonCodec writes messages as released engines do: with encoding/json, under `Name`'s
// content-subtype. It reads more strictly than they do: a field that the contract does not have
// fails the call.
type jsonCodec struct{ name string }

func registerJSON(name string) { encoding.RegisterCodec(jsonCodec{name}) }

func (codec jsonCodec) Name() string { return codec.name }

func (jsonCodec) Marshal(message interface{}) ([]byte, error) { return json.Marshal(message) }

func (jsonCodec) Unmarshal(data []byte, message interface{}) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	return decoder.Decode(message)
}
