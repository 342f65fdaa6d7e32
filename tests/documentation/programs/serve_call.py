from minimal_agent import MyPlugin

from mirastack_sdk import serve


def main():
    plugin_instance = MyPlugin()
    serve(plugin_instance)


if __name__ == "__main__":
    main()
