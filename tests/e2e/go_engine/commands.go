package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

const (
	defaultTimeout = time.Minute
	longestLine    = 64 << 20
)

// command is one line of JSON on standard input; `Do` says which of the rest it reads.
type command struct {
	ID     int64  `json:"id"`
	Do     string `json:"do"`
	Method string `json:"method"`

	// call
	Agent     string            `json:"agent"`
	Request   json.RawMessage   `json:"request"`
	Padding   int               `json:"padding"`
	Sparse    bool              `json:"sparse"`
	Subtype   string            `json:"subtype"`
	Compress  bool              `json:"compress"`
	TimeoutMs int64             `json:"timeout_ms"`
	Metadata  map[string]string `json:"metadata"`

	// cancel
	Target int64 `json:"target"`
}

// commander carries out commands, each on its own goroutine, and answers each once.
type commander struct {
	host    *host
	lock    sync.Mutex
	running map[int64]context.CancelFunc
}

// run carries out commands until the input ends.
func (commands *commander) run(input io.Reader) error {
	lines := bufio.NewScanner(input)
	lines.Buffer(nil, longestLine)
	for lines.Scan() {
		given := command{}
		decoder := json.NewDecoder(bytes.NewReader(lines.Bytes()))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&given); err != nil {
			return fmt.Errorf("a command that cannot be read: %w", err)
		}
		ctx, cancel := commands.begin(given)
		go func() {
			defer commands.end(given, cancel)
			reply, err := commands.carryOut(ctx, given)
			commands.host.out.write(answer{
				ID: given.ID, Code: status.Code(err).String(), Message: status.Convert(err).Message(), Reply: reply,
			})
		}()
	}
	return lines.Err()
}

func (commands *commander) begin(given command) (context.Context, context.CancelFunc) {
	timeout := time.Duration(given.TimeoutMs) * time.Millisecond
	if timeout == 0 {
		timeout = defaultTimeout
	}
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	commands.lock.Lock()
	defer commands.lock.Unlock()
	commands.running[given.ID] = cancel
	return ctx, cancel
}

func (commands *commander) end(given command, cancel context.CancelFunc) {
	cancel()
	commands.lock.Lock()
	defer commands.lock.Unlock()
	delete(commands.running, given.ID)
}

func (commands *commander) carryOut(ctx context.Context, given command) (interface{}, error) {
	switch given.Do {
	case "call":
		return commands.call(ctx, given)
	case "configure":
		// As an operator's change does: it is stored, and pushed over the one connection.
		config := &ConfigUpdatedRequest{}
		if err := json.Unmarshal(given.Request, config); err != nil {
			return nil, status.Errorf(codes.InvalidArgument, "a config that cannot be read: %v", err)
		}
		commands.host.served.store(config)
		given.Method = "ConfigUpdated"
		return commands.call(ctx, given)
	case "cancel":
		return nil, commands.cancel(given.Target)
	case "hold":
		commands.host.served.gates.close(given.Method)
	case "release":
		commands.host.served.gates.open(given.Method)
	case "stop":
		commands.host.stop()
	case "stop_gracefully":
		commands.host.stopGracefully()
	case "start":
		return nil, commands.host.start()
	default:
		return nil, status.Errorf(codes.InvalidArgument, "unknown command %q", given.Do)
	}
	return nil, nil
}

func (commands *commander) cancel(target int64) error {
	commands.lock.Lock()
	defer commands.lock.Unlock()
	cancel := commands.running[target]
	if cancel == nil {
		return status.Errorf(codes.NotFound, "command %d does not run", target)
	}
	cancel()
	return nil
}

// call calls an agent as grpc-go's generated clients do.
func (commands *commander) call(ctx context.Context, given command) (interface{}, error) {
	target, err := commands.host.served.agents.find(given.Agent)
	if err != nil {
		return nil, err
	}
	request, reply, err := messages(given)
	if err != nil {
		return nil, err
	}
	options := []grpc.CallOption{}
	if given.Subtype != "" {
		options = append(options, grpc.CallContentSubtype(given.Subtype))
	}
	if given.Compress {
		options = append(options, grpc.UseCompressor(gzip.Name))
	}
	ctx = metadata.NewOutgoingContext(ctx, metadata.New(given.Metadata))
	if err := target.conn.Invoke(ctx, pluginService+given.Method, request, reply, options...); err != nil {
		return nil, err
	}
	return reply, nil
}

// messages returns a call's request, and where its reply goes. A method that agents do not have is
// called with an empty message.
func messages(given command) (request, reply interface{}, err error) {
	switch given.Method {
	case "GetSchema":
		request, reply = &GetSchemaRequest{}, &GetSchemaResponse{}
	case "Execute":
		request, reply = &ExecuteRequest{}, &ExecuteResponse{}
	case "HealthCheck":
		request, reply = &HealthCheckRequest{}, &HealthCheckResponse{}
	case "ConfigUpdated":
		request, reply = &ConfigUpdatedRequest{}, &ConfigUpdatedResponse{}
	default:
		request, reply = &InfoRequest{}, &InfoResponse{}
	}
	if len(given.Request) > 0 {
		err = json.Unmarshal(given.Request, request)
	}
	if execute, is := request.(*ExecuteRequest); is {
		if given.Padding > 0 {
			execute.WorkflowID = strings.Repeat("x", given.Padding)
		}
		if given.Sparse {
			sparse := sparseExecuteRequest(*execute)
			request = &sparse
		}
	}
	return request, reply, err
}
