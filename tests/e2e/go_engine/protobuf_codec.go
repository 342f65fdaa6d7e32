package main

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"

	"google.golang.org/grpc/encoding"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
)

// protobufCodec writes and reads the same structs as protobuf, with Go's library and the
// contract's descriptors. It reads more strictly than an engine: unknown fields fail the call.
type protobufCodec struct{ file protoreflect.FileDescriptor }

// registerProtobuf replaces grpc-go's own codec. The file holds a FileDescriptorProto.
func registerProtobuf(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	described := &descriptorpb.FileDescriptorProto{}
	if err := proto.Unmarshal(data, described); err != nil {
		return err
	}
	file, err := protodesc.NewFile(described, nil)
	if err != nil {
		return err
	}
	encoding.RegisterCodec(protobufCodec{file})
	return nil
}

func (protobufCodec) Name() string { return "proto" }

func (codec protobufCodec) Marshal(value interface{}) ([]byte, error) {
	message, err := codec.empty(value)
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	if err := protojson.Unmarshal(text, message); err != nil {
		return nil, err
	}
	return proto.Marshal(message)
}

func (codec protobufCodec) Unmarshal(data []byte, value interface{}) error {
	message, err := codec.empty(value)
	if err != nil {
		return err
	}
	if err := proto.Unmarshal(data, message); err != nil {
		return err
	}
	fields, err := plainMessage(message)
	if err != nil {
		return err
	}
	text, err := json.Marshal(fields)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, value)
}

func (codec protobufCodec) empty(value interface{}) (*dynamicpb.Message, error) {
	name := reflect.TypeOf(value).Elem().Name()
	descriptor := codec.file.Messages().ByName(protoreflect.Name(name))
	if descriptor == nil {
		return nil, fmt.Errorf("the contract has no message %q", name)
	}
	return dynamicpb.NewMessage(descriptor), nil
}

// plainMessage returns what encoding/json writes as the structs' JSON. protojson is no help: it
// writes 64-bit integers as strings.
func plainMessage(message protoreflect.Message) (map[string]interface{}, error) {
	fields := map[string]interface{}{}
	var err error
	message.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		fields[string(field.Name())], err = plainField(field, value)
		return err == nil
	})
	if len(message.GetUnknown()) > 0 {
		return nil, fmt.Errorf("%s has fields that the contract does not have", message.Descriptor().Name())
	}
	return fields, err
}

func plainField(field protoreflect.FieldDescriptor, value protoreflect.Value) (interface{}, error) {
	switch {
	case field.IsMap():
		entries := map[string]string{}
		value.Map().Range(func(key protoreflect.MapKey, entry protoreflect.Value) bool {
			entries[key.String()] = entry.String()
			return true
		})
		return entries, nil
	case field.IsList():
		items := make([]interface{}, value.List().Len())
		for i := range items {
			item, err := plainValue(field, value.List().Get(i))
			if err != nil {
				return nil, err
			}
			items[i] = item
		}
		return items, nil
	default:
		return plainValue(field, value)
	}
}

func plainValue(field protoreflect.FieldDescriptor, value protoreflect.Value) (interface{}, error) {
	if field.Message() != nil {
		return plainMessage(value.Message())
	}
	return value.Interface(), nil
}
