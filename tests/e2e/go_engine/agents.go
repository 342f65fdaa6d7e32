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

	conn      *grpc.ClientConn
	instances map[string]bool
}

// agents are those that have registered, by name. Replicas share a name and an address, and the one
// connection to it. An agent whose last instance has deregistered may still be called, as by an
// engine that has not noticed yet.
type agents struct {
	lock    sync.Mutex
	subtype string
	known   map[string]*registration
}

func newAgents(subtype string) *agents {
	return &agents{subtype: subtype, known: map[string]*registration{}}
}

// add dials an agent back, unless there is a connection to its address, and asks it what it is.
func (all *agents) add(ctx context.Context, request *RegisterPluginRequest) (*registration, error) {
	added := &registration{Request: request, instances: map[string]bool{}}
	before := all.at(request.Name, request.GrpcAddr)
	if before != nil {
		added.conn = before.conn
		// It may have been refused while no replica was there.
		added.conn.ResetConnectBackoff()
	} else if err := added.dial(all.subtype); err != nil {
		return nil, status.Errorf(codes.InvalidArgument, "cannot dial back: %v", err)
	}
	if err := added.ask(ctx); err != nil {
		if before == nil {
			added.conn.Close()
		}
		return nil, status.Errorf(codes.Unavailable, "the agent does not answer: %v", err)
	}
	all.replace(added)
	return added, nil
}

// at returns the agent of that name, if it is at that address.
func (all *agents) at(name, address string) *registration {
	all.lock.Lock()
	defer all.lock.Unlock()
	if found := all.known[name]; found != nil && found.Request.GrpcAddr == address {
		return found
	}
	return nil
}

// replace makes a registration the one of its name, and keeps the instances at the same address.
func (all *agents) replace(added *registration) {
	all.lock.Lock()
	defer all.lock.Unlock()
	added.instances[added.Request.InstanceID] = true
	before := all.known[added.Request.Name]
	all.known[added.Request.Name] = added
	switch {
	case before == nil:
	case before.Request.GrpcAddr != added.Request.GrpcAddr:
		before.conn.Close()
	default:
		for instance := range before.instances {
			added.instances[instance] = true
		}
		if before.conn != added.conn {
			// Another one has registered meanwhile.
			added.conn.Close()
			added.conn = before.conn
		}
	}
}

func (added *registration) dial(subtype string) (err error) {
	added.conn, err = grpc.Dial(
		added.Request.GrpcAddr,
		grpc.WithInsecure(),
		grpc.WithDefaultCallOptions(grpc.CallContentSubtype(subtype)),
	)
	return err
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
	return found != nil && found.instances[instanceID]
}

func (all *agents) leave(name, instanceID string) {
	all.lock.Lock()
	defer all.lock.Unlock()
	if found := all.known[name]; found != nil {
		delete(found.instances, instanceID)
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
