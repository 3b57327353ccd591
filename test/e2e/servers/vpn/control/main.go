// A control server for Tailscale's client, in place of Headscale: the one of Tailscale's own tests, with the relay and
// the STUN server without which a client does not come up.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"log"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"

	"tailscale.com/derp/derpserver"
	"tailscale.com/net/stunserver"
	"tailscale.com/tailcfg"
	"tailscale.com/tstest/integration/testcontrol"
	"tailscale.com/types/key"
)

const (
	port     = 8443
	stunPort = 3478
	domain   = "tailnet.example.com"
)

// at is a host and a port, as addresses are written.
func at(host string, port int) string { return net.JoinHostPort(host, strconv.Itoa(port)) }

func main() {
	name := flag.String("name", "", "name that clients know the server by")
	address := flag.String("address", "", "IPv4 address to listen on")
	authKey := flag.String("auth-key", "", "file with the key that lets a client in")
	certificate := flag.String("certificate", "", "file with the certificate")
	certificateKey := flag.String("certificate-key", "", "file with the certificate's key")
	flag.Parse()
	secret, err := os.ReadFile(*authKey)
	if err != nil {
		log.Fatal(err)
	}

	control := &testcontrol.Server{
		// Without a relay of its own, a client takes the vendor's, and waits for them.
		DERPMap: &tailcfg.DERPMap{
			OmitDefaultRegions: true,
			Regions: map[int]*tailcfg.DERPRegion{900: {
				RegionID: 900, RegionCode: "e2e", RegionName: "e2e",
				Nodes: []*tailcfg.DERPNode{{
					Name: "e2e", RegionID: 900, HostName: *name, IPv4: *address, IPv6: "none",
					STUNPort: stunPort, DERPPort: port,
				}},
			}},
		},
		RequireAuthKey:   string(bytes.TrimSpace(secret)),
		AllOnline:        true,
		AllNodesSameUser: true,
		// DNS for clients to refuse.
		MagicDNSDomain:  domain,
		DNSConfig:       &tailcfg.DNSConfig{Proxied: true, Domains: []string{domain}},
		ExplicitBaseURL: "https://" + at(*name, port),
	}

	mux := http.NewServeMux()
	mux.Handle("/", control)
	// Who has joined, for the test to look at.
	mux.HandleFunc("/nodes", func(w http.ResponseWriter, _ *http.Request) {
		type node struct {
			Name, Key string
			Addresses []string
		}
		nodes := []node{}
		for _, n := range control.AllNodes() {
			one := node{Name: strings.TrimSuffix(n.Name, "."+domain+"."), Key: n.Key.String()}
			for _, prefix := range n.Addresses {
				one.Addresses = append(one.Addresses, prefix.Addr().String())
			}
			nodes = append(nodes, one)
		}
		if err := json.NewEncoder(w).Encode(nodes); err != nil {
			log.Print(err)
		}
	})
	mux.Handle("/derp", derpserver.Handler(derpserver.New(key.NewNode(), log.Printf)))
	mux.HandleFunc("/derp/probe", derpserver.ProbeHandler)
	mux.HandleFunc("/generate_204", derpserver.ServeNoContent)

	go func() { log.Fatal(stunserver.New(context.Background()).ListenAndServe(at(*address, stunPort))) }()
	log.Fatal(http.ListenAndServeTLS(at(*address, port), *certificate, *certificateKey, mux))
}
