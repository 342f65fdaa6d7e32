package main

import (
	"context"
	"sync"
)

// gates hold back the calls of a method, while they are closed.
type gates struct {
	lock   sync.Mutex
	closed map[string]chan struct{}
}

func (all *gates) close(method string) {
	all.lock.Lock()
	defer all.lock.Unlock()
	if all.closed == nil {
		all.closed = map[string]chan struct{}{}
	}
	if all.closed[method] == nil {
		all.closed[method] = make(chan struct{})
	}
}

func (all *gates) open(method string) {
	all.lock.Lock()
	defer all.lock.Unlock()
	if gate := all.closed[method]; gate != nil {
		close(gate)
		delete(all.closed, method)
	}
}

// wait returns when the method's gate is open; an error if the call ends first.
func (all *gates) wait(ctx context.Context, method string) error {
	all.lock.Lock()
	gate := all.closed[method]
	all.lock.Unlock()
	if gate == nil {
		return nil
	}
	select {
	case <-gate:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
