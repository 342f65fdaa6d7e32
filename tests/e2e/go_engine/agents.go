package main

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

const pluginService = "/mirastack.plugin.v1.PluginService/"

// registration is an agent as it introduced itself, and as it answered when it was dialled back.
type registration struct {
	Request *RegisterPluginRequest `json:"request"`
	Info    InfoResponse           `json:"info"`
	Schema  GetSchemaResponse      `json:"schema"`
	Health  HealthCheckResponse    `json:"health"`

	conn *grpc.ClientConn
	left bool
}

// agents are those that have registered, by name. One that has deregistered may still be called, as
// by an engine that has not noticed yet.
type agents struct {
	lock    sync.Mutex
	subtype string
	known   map[string]*registration
}

func newAgents(subtype string) *agents {
	return &agents{subtype: subtype, known: map[string]*registration{}}
}

// add dials an agent back and asks it what it is.
func (all *agents) add(ctx context.Context, request *RegisterPluginRequest) (*registration, error) {
	conn, err := grpc.Dial(
		request.GrpcAddr,
		grpc.WithInsecure(),
		grpc.WithDefaultCallOptions(grpc.CallContentSubtype(all.subtype)),
	)
	if err != nil {
		return nil, status.Errorf(codes.InvalidArgument, "cannot dial back: %v", err)
	}
	added := &registration{Request: request, conn: conn}
	if err := added.ask(ctx); err != nil {
		conn.Close()
		return nil, status.Errorf(codes.Unavailable, "the agent does not answer: %v", err)
	}
	all.lock.Lock()
	defer all.lock.Unlock()
	if before := all.known[request.Name]; before != nil {
		before.conn.Close()
	}
	all.known[request.Name] = added
	return added, nil
}

func (added *registration) ask(ctx context.Context) error {
	if err := added.conn.Invoke(ctx, pluginService+"Info", &InfoRequest{}, &added.Info); err != nil {
		return err
	}
	if err := added.conn.Invoke(ctx, pluginService+"GetSchema", &GetSchemaRequest{}, &added.Schema); err != nil {
		return err
	}
	return added.conn.Invoke(ctx, pluginService+"HealthCheck", &HealthCheckRequest{}, &added.Health)
}

// find returns the agent of that name, or the only one there is for an empty name.
func (all *agents) find(name string) (*registration, error) {
	all.lock.Lock()
	defer all.lock.Unlock()
	if name == "" && len(all.known) == 1 {
		for only := range all.known {
			name = only
		}
	}
	found := all.known[name]
	if found == nil {
		return nil, status.Errorf(codes.NotFound, "no agent %q is registered", name)
	}
	return found, nil
}

func (all *agents) knows(name, instanceID string) bool {
	all.lock.Lock()
	defer all.lock.Unlock()
	found := all.known[name]
	return found != nil && found.Request.InstanceID == instanceID && !found.left
}

func (all *agents) leave(name string) {
	all.lock.Lock()
	defer all.lock.Unlock()
	if found := all.known[name]; found != nil {
		found.left = true
	}
}

// execute runs another agent's action, as engines do for CallPlugin: the published SDKs name the
// action in the params alone.
func (all *agents) execute(ctx context.Context, request *CallPluginRequest) (*CallPluginResponse, error) {
	target, err := all.find(request.TargetPlugin)
	if err != nil {
		return &CallPluginResponse{Error: fmt.Sprintf("no agent %s", request.TargetPlugin)}, nil
	}
	params := struct {
		Action string `json:"action"`
	}{}
	if err := json.Unmarshal(request.ParamsJSON, &params); err != nil {
		return nil, status.Errorf(codes.InvalidArgument, "params_json: %v", err)
	}
	reply := &ExecuteResponse{}
	err = target.conn.Invoke(ctx, pluginService+"Execute", &ExecuteRequest{
		ActionID:   params.Action,
		ParamsJSON: request.ParamsJSON,
		TimeRange:  request.TimeRange,
		TenantID:   request.TenantID,
	}, reply)
	if err != nil {
		return nil, err
	}
	return &CallPluginResponse{
		Success:    reply.Success,
		ResultJSON: reply.ResultJSON,
		Error:      reply.Error,
		DurationMs: reply.DurationMs,
	}, nil
}
