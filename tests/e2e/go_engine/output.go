package main

import (
	"encoding/json"
	"os"
	"sync"
)

// event is something that happened, as a line of JSON on standard output.
type event struct {
	Event    string            `json:"event"`
	Address  string            `json:"address,omitempty"`
	Method   string            `json:"method,omitempty"`
	Request  interface{}       `json:"request,omitempty"`
	Metadata map[string]string `json:"metadata,omitempty"`
	// How long the caller waits at most, in milliseconds.
	TimeoutMs int64         `json:"timeout_ms,omitempty"`
	Agent     *registration `json:"agent,omitempty"`
	Goaway    *goaway       `json:"goaway,omitempty"`
	// Why a call ended before it was answered.
	Cause string `json:"cause,omitempty"`
}

// answer is the end of one command, as a line of JSON on standard output.
type answer struct {
	ID      int64       `json:"id"`
	Code    string      `json:"code"`
	Message string      `json:"message"`
	Reply   interface{} `json:"reply"`
}

type output struct {
	lock    sync.Mutex
	encoder *json.Encoder
}

func newOutput() *output { return &output{encoder: json.NewEncoder(os.Stdout)} }

func (out *output) write(line interface{}) {
	out.lock.Lock()
	defer out.lock.Unlock()
	if err := out.encoder.Encode(line); err != nil {
		// Nobody reads any more.
		os.Exit(1)
	}
}
