package main

import (
	"fmt"
	"net"
)

// Ports of one server. gRPC of the four services, their membership rings, and two for diagnostics.
type ports struct {
	frontend, history, matching, worker int
	rings                               [4]int
	metrics, profiles                   int
}

func loopback(port int) string {
	return fmt.Sprintf("127.0.0.1:%d", port)
}

// Takes the wanted port for the frontend and free ones for the rest. All are held until all are known, so that no two
// are the same.
func choosePorts(wanted int) (ports, error) {
	var listeners []net.Listener
	defer func() {
		for _, listener := range listeners {
			_ = listener.Close()
		}
	}()
	take := func(port int) (int, error) {
		listener, err := net.Listen("tcp", loopback(port))
		if err != nil {
			return 0, fmt.Errorf("port %d: %w", port, err)
		}
		listeners = append(listeners, listener)
		return listener.Addr().(*net.TCPAddr).Port, nil
	}
	var chosen ports
	targets := []*int{&chosen.frontend, &chosen.history, &chosen.matching, &chosen.worker, &chosen.metrics, &chosen.profiles}
	for index := range chosen.rings {
		targets = append(targets, &chosen.rings[index])
	}
	for index, target := range targets {
		request := 0
		if index == 0 {
			request = wanted
		}
		port, err := take(request)
		if err != nil {
			return ports{}, err
		}
		*target = port
	}
	return chosen, nil
}
